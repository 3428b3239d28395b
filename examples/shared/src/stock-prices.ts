import { tool, type Tool } from 'ai';
import { z } from 'zod';

/** Made-up figures in US dollars. */
const samplePrices: Record<string, number> = {
  AAPL: 231.5,
  AMZN: 226.1,
  GOOGL: 198.4,
  META: 612.2,
  MSFT: 447.2,
  NVDA: 174.9,
};

/** The prices of a few stocks. */
export const stockPrices: { get_stock_price: Tool<{ symbol: string }, string> } = {
  get_stock_price: tool({
    description:
      'Get the current stock price of a company by its ticker symbol. The figures are fixed samples.',
    inputSchema: z.object({ symbol: z.string().min(1).max(8).describe('The ticker symbol, such as AAPL') }),
    execute: ({ symbol }) => {
      const price = samplePrices[symbol.toUpperCase()];
      if (price !== undefined)
        return `${symbol.toUpperCase()}: ${price.toFixed(2)} USD, a fixed sample figure.`;
      return `There is no sample figure for ${symbol}. There are some for ${Object.keys(samplePrices).join(', ')}.`;
    },
  }),
};
