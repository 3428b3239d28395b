import { spike } from '@use-assistant/interpreter';
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
export function hello(): string {
  return spike() + import.meta.url + typeof DatabaseSync + typeof Kysely;
}
