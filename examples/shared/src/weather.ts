import { tool, type Tool } from 'ai';
import { z } from 'zod';

/** Made-up skies: the same city has the same weather all day long. */
const skies = ['clear', 'partly cloudy', 'overcast', 'light rain', 'windy'];

/** The weather of any city, invented but steady. */
export const weather: { get_weather: Tool<{ location: string; unit: 'c' | 'f' }, string> } = {
  get_weather: tool({
    description: 'Get the weather of a city. The figures are invented samples.',
    inputSchema: z.object({
      location: z.string().min(1).max(100).describe('The city, such as Tokyo'),
      unit: z.enum(['c', 'f']).default('c').describe('Degrees Celsius or Fahrenheit'),
    }),
    execute: ({ location, unit }) => {
      const seed = [...location.toLowerCase()].reduce((sum, letter) => sum + letter.codePointAt(0)!, 0);
      const celsius = (seed % 30) + 2;
      const temperature = unit === 'f' ? `${Math.round(celsius * 1.8 + 32)} °F` : `${celsius} °C`;
      return `${location}: ${temperature}, ${skies[seed % skies.length]}, an invented sample.`;
    },
  }),
};
