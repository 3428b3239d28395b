import type { MigrationProvider } from 'kysely/migration';
/** Statuses in which a run holds the lock of its thread. */
export declare const activeStatuses: readonly ['queued', 'in_progress', 'requires_action', 'cancelling'];
/** The schema's history. A migration that has been published is never changed. */
export declare const migrationProvider: MigrationProvider;
//# sourceMappingURL=migrations.d.ts.map
