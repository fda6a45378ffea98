// What package.json's imports lead to: the form of msgpackr that never compiles code from strings, for pages with a strict content
// security policy. In dist/ it is one file with nothing else of msgpackr (test/checks/build.js).
declare module "#msgpack" {
  export { Packr } from "msgpackr";
}
