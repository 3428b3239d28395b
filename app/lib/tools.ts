import { home, stockPrices } from 'example-assistants';

/** The functions that the demo's assistant may call; they run here, on the server. */
export const demoTools = { ...home, ...stockPrices };
