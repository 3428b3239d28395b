/**
 * A native module of Python for WebAssembly, as wheels of Pyodide hold them, in 356 bytes: `import tiny` makes a module
 * with `tiny.answer == 42`. Assembled with wabt from this, after a section `dylink.0` that asks for 80 bytes of memory:
 *
 *     (module
 *       (import "env" "memory" (memory 1))
 *       (import "env" "__memory_base" (global $base i32))
 *       (import "env" "__indirect_function_table" (table 0 funcref))
 *       (import "env" "__table_base" (global $table i32))
 *       (import "env" "PyModule_Create2" (func $create (param i32 i32) (result i32)))
 *       (import "env" "PyModule_AddIntConstant" (func $add (param i32 i32 i32) (result i32)))
 *       (func (export "PyInit_tiny") (result i32) (local $module i32)
 *         (i32.store (global.get $base) (i32.const 1))
 *         (i32.store offset=20 (global.get $base) (i32.add (global.get $base) (i32.const 64)))
 *         (i32.store offset=28 (global.get $base) (i32.const -1))
 *         (local.set $module (call $create (global.get $base) (i32.const 1013)))
 *         (drop (call $add (local.get $module) (i32.add (global.get $base) (i32.const 72)) (i32.const 42)))
 *         (local.get $module))
 *       (data (global.get $base) "…64 zeros…tiny\00\00\00\00answer\00"))
 */
export const nativeModule: Uint8Array = Buffer.from(
  'AGFzbQEAAAAADwhkeWxpbmsuMAEEUAQAAAESA2ACf38Bf2ADf39/AX9gAAF/Ao8BBgNlbnYGbWVtb3J5AgABA2Vudg1fX21lbW9yeV9iYXNlA38AA2VudhlfX2luZGlyZWN0X2Z1bmN0aW9uX3RhYmxlAXAAAANlbnYMX190YWJsZV9iYXNlA38AA2VudhBQeU1vZHVsZV9DcmVhdGUyAAADZW52F1B5TW9kdWxlX0FkZEludENvbnN0YW50AAEDAgECBw8BC1B5SW5pdF90aW55AAIKNwE1AQF/IwBBATYCACMAIwBBwABqNgIUIwBBfzYCHCMAQfUHEAAhACAAIwBByABqQSoQARogAAsLVQEAIwALTwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB0aW55AAAAAGFuc3dlcgA=',
  'base64',
);
