import { tool } from 'ai';
import { z } from 'zod';

/** The house of the demo, in degrees Celsius. It lives as long as the process does. */
const homeTemperatures: Record<string, number> = {
  bedroom: 20,
  'home office': 21,
  'living room': 21,
  kitchen: 22,
  bathroom: 23,
};

const room = z.enum(['bedroom', 'home office', 'living room', 'kitchen', 'bathroom']);

/** Made-up figures, and the tool says so. */
const samplePrices: Record<string, number> = {
  AAPL: 231.5,
  AMZN: 226.1,
  GOOG: 198.4,
  MSFT: 447.2,
  NVDA: 174.9,
};

/** The functions that the demo's assistant may call; they run here, on the server. */
export const demoTools = {
  getRoomTemperature: tool({
    description: 'Get the temperature of a room of the house.',
    inputSchema: z.object({ room }),
    execute: ({ room: name }) => `${homeTemperatures[name]} °C`,
  }),
  setRoomTemperature: tool({
    description: 'Set the temperature of a room of the house, in degrees Celsius.',
    inputSchema: z.object({ room, temperature: z.number().min(5).max(30) }),
    execute: ({ room: name, temperature }) => {
      const before = homeTemperatures[name];
      homeTemperatures[name] = temperature;
      return `The ${name} is now set to ${temperature} °C; it was ${before} °C.`;
    },
  }),
  getStockPrice: tool({
    description: 'Get the price of a stock by its ticker symbol. The figures are fixed samples.',
    inputSchema: z.object({ symbol: z.string().min(1).max(8).describe('The ticker symbol, such as AAPL') }),
    execute: ({ symbol }) => {
      const price = samplePrices[symbol.toUpperCase()];
      if (price !== undefined)
        return `${symbol.toUpperCase()}: ${price.toFixed(2)} USD, a fixed sample figure.`;
      const known = Object.keys(samplePrices).join(', ');
      return `There is no sample figure for ${symbol}. There are some for ${known}.`;
    },
  }),
};
