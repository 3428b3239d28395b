/**
 * The objects and events of Assistants API v2, as they cross the wire. Our own copy: the types of the `openai` package
 * are deprecated and will go. Field names and their meaning are OpenAI's.
 */
/** Unix seconds, the unit of every time on this wire. */
export function nowSeconds() {
    return Math.floor(Date.now() / 1000);
}
//# sourceMappingURL=wire.js.map