export {};
//# sourceMappingURL=turn.js.map