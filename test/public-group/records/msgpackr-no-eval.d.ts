// The build of msgpackr that never compiles code from strings, for pages with a strict content security policy.
declare module "msgpackr/index-no-eval" {
  export { Packr } from "msgpackr";
}
