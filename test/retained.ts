/**
 * How many bytes of memory an object keeps alive: every ArrayBuffer that can be reached from it, each once and whole, however
 * small the view of it is. Private fields, Maps, WeakMaps and the variables of closures are followed too, with the debugger's
 * eyes: nothing is measured, so the answer is the same each time.
 */

import { Session, type Runtime } from "node:inspector";

/** The buffers that are reachable from a value, without going through `except`. */
function retainedBuffers(value: object, except: readonly object[] = []): ReadonlySet<ArrayBufferLike> {
  const session = new Session();
  session.connect();
  const seen = new Set<unknown>(except);
  const buffers = new Set<ArrayBufferLike>();
  const shared = globalThis as unknown as Record<string, unknown>;
  shared["__root"] = value;
  /** Whether an object is new, and has anything below it. */
  shared["__visit"] = (object: unknown): boolean => {
    if (seen.has(object)) return false;
    seen.add(object);
    if (ArrayBuffer.isView(object)) buffers.add(object.buffer);
    return !ArrayBuffer.isView(object) && !(object instanceof ArrayBuffer);
  };
  const post = <T>(method: string, parameters: object): T => {
    let result: unknown;
    const failures: Error[] = [];
    session.post(method, parameters, (error, answer) => {
      if (error !== null) failures.push(error);
      result = answer;
    });
    for (const failure of failures) throw failure;
    return result as T;
  };
  try {
    const open: string[] = [];
    const visit = (remote: Runtime.RemoteObject | undefined): void => {
      const objectId = remote?.objectId;
      if (objectId === undefined || remote?.subtype === "node") return;
      const { result } = post<Runtime.CallFunctionOnReturnType>("Runtime.callFunctionOn", {
        objectId,
        functionDeclaration: "function () { return globalThis.__visit(this); }",
        returnByValue: true,
      });
      if (result.value === true) open.push(objectId);
    };
    visit(post<Runtime.EvaluateReturnType>("Runtime.evaluate", { expression: "globalThis.__root" }).result);
    for (let objectId = open.pop(); objectId !== undefined; objectId = open.pop()) {
      const { result, internalProperties, privateProperties } = post<
        Runtime.GetPropertiesReturnType & { privateProperties?: readonly { value?: Runtime.RemoteObject }[] }
      >("Runtime.getProperties", { objectId, ownProperties: true });
      for (const { value: inner } of result) visit(inner);
      for (const { value: inner } of privateProperties ?? []) visit(inner);
      for (const { name, value: inner } of internalProperties ?? []) {
        if (name !== "[[Prototype]]" && name !== "[[Scopes]]") visit(inner);
      }
    }
    return buffers;
  } finally {
    session.disconnect();
    delete shared["__root"];
    delete shared["__visit"];
  }
}

/** Their length together, in bytes. */
export function retainedBytes(value: object, except: readonly object[] = []): number {
  let total = 0;
  for (const { byteLength } of retainedBuffers(value, except)) total += byteLength;
  return total;
}
