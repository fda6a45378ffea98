import { describeFamilies } from "./families.ts";

describeFamilies("node");
