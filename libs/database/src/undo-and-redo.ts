import { DataSource, type MigrationInterface } from 'typeorm';

/** For tests, where migrations have run: which tables are left when all are undone, and how many migrations run again after that. */
export async function undoAndRedo(
  url: string,
  migrations: (new () => MigrationInterface)[],
): Promise<{ tablesLeft: string[]; redone: number }> {
  const dataSource = await new DataSource({ type: 'postgres', url, migrations }).initialize();
  try {
    for (let index = 0; index < migrations.length; index += 1) await dataSource.undoLastMigration();
    const tables = await dataSource.query<{ tablename: string }[]>(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`,
    );
    const redone = await dataSource.runMigrations({ transaction: 'each' });
    return { tablesLeft: tables.map(({ tablename }) => tablename), redone: redone.length };
  } finally {
    await dataSource.destroy();
  }
}
