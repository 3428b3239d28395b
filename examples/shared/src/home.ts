import { tool, type Tool } from 'ai';
import { z } from 'zod';

/** A house with its rooms, in degrees Celsius. It lives as long as the process does. */
const temperatures: Record<string, number> = {
  bedroom: 20,
  'home office': 21,
  'living room': 21,
  kitchen: 22,
  bathroom: 23,
};

const room = z.enum(['bedroom', 'home office', 'living room', 'kitchen', 'bathroom']);
type Room = z.infer<typeof room>;

/** The temperatures of a house: one function reads, one changes. */
export const home: {
  get_room_temperature: Tool<{ room: Room }, string>;
  set_room_temperature: Tool<{ room: Room; temperature: number }, string>;
} = {
  get_room_temperature: tool({
    description: 'Get the temperature of a room of the house.',
    inputSchema: z.object({ room }),
    execute: ({ room: name }) => `${temperatures[name]} °C`,
  }),
  set_room_temperature: tool({
    description: 'Set the temperature of a room of the house, in degrees Celsius.',
    inputSchema: z.object({ room, temperature: z.number().min(5).max(30) }),
    execute: ({ room: name, temperature }) => {
      const before = temperatures[name];
      temperatures[name] = temperature;
      return `The ${name} is now set to ${temperature} °C; it was ${before} °C.`;
    },
  }),
};
