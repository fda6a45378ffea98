import { describeFamilies } from "./families.ts";

describeFamilies("noble");
