import { home, stockPrices } from 'example-assistants';

/** The functions that the demo's assistant may call; they run here, on the server. What changes the house asks first. */
export const demoTools = {
  ...stockPrices,
  ...home,
  set_room_temperature: { ...home.set_room_temperature, needsApproval: true },
};
