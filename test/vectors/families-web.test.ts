import { describeFamilies } from "./families.ts";

describeFamilies("web");
