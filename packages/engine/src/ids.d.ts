/** What every id begins with, by the kind of object. */
export declare const prefixes: {
  readonly assistant: 'asst_';
  readonly thread: 'thread_';
  readonly message: 'msg_';
  readonly run: 'run_';
  readonly step: 'step_';
  readonly call: 'call_';
  readonly file: 'file-';
  readonly request: 'req_';
  readonly owner: 'engine_';
};
/** A new id: the prefix of its kind and 24 random letters, which is 142 bits. */
export declare function createId(kind: keyof typeof prefixes): string;
//# sourceMappingURL=ids.d.ts.map
