/** Writes warnings and errors to standard error, one line each. */
export const consoleLog = (level, message, fields) => {
    if (level === 'info')
        return;
    const details = fields ? ` ${JSON.stringify(fields)}` : '';
    console[level](`[use-assistant] ${message}${details}`);
};
//# sourceMappingURL=log.js.map