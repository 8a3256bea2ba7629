import { UserError } from '@slipway/kernel';
import { textOf } from '@slipway/sql';
import type { FolderListing } from './format.ts';

interface ForeignTool {
  tool: string;
  /** Tells one of its files that is not SQL, by its path below the folder. */
  name?: RegExp;
  /** Tells one of its SQL files, by a comment in it. */
  text?: RegExp;
  /** How its command is written in the configuration. */
  command: string;
}

/**
 * Tools whose migrations are code, or SQL of a dialect of their own: they are told, not read. A file with the sections of
 * another tool must never be taken for plain SQL, since the part that undoes would run as well.
 */
const foreignTools: readonly ForeignTool[] = [
  {
    tool: 'Liquibase',
    name: /(?:changelog[^/]*\.(?:xml|ya?ml|json)|\.changelog\.(?:xml|ya?ml|json))$/i,
    text: /^--\s*liquibase formatted sql/im,
    command: '[liquibase, update]',
  },
  {
    tool: 'Atlas',
    name: /(?:^|\/)atlas\.sum$/,
    command: '[atlas, migrate, apply, --env, production]',
  },
  { tool: 'goose', text: /^--\s*\+goose\s+up\b/im, command: '[goose, up]' },
  { tool: 'sql-migrate', text: /^--\s*\+migrate\s+up\b/im, command: '[sql-migrate, up]' },
  { tool: 'tern', text: /^----\s*create above\s*\/\s*drop below\s*----/im, command: '[tern, migrate]' },
  { tool: 'Rails', name: /^\d+_[^/]*\.rb$/, command: '[bin/rails, db:migrate]' },
  { tool: 'Ecto', name: /^\d+_[^/]*\.exs$/, command: '[mix, ecto.migrate]' },
  {
    tool: 'Alembic',
    name: /^(?:versions\/[^/]*\.py|script\.py\.mako)$/,
    command: '[alembic, upgrade, head]',
  },
  { tool: 'Django', name: /^\d{4}_[^/]*\.py$/, command: '[python, manage.py, migrate]' },
  {
    tool: 'Entity Framework or another .NET tool',
    name: /^\d+_[^/]*\.cs$/,
    command: '[dotnet, ef, database, update]',
  },
  {
    tool: 'Laravel',
    name: /^\d{4}_\d{2}_\d{2}_\d{6}_[^/]*\.php$/,
    command: '[php, artisan, migrate, --force]',
  },
  {
    tool: 'typeorm',
    name: /^\d{13}-[A-Za-z][^/]*\.[cm]?[jt]s$/,
    command: '[npx, typeorm, migration:run, -d, dist/data-source.js]',
  },
  {
    tool: 'a tool that writes migrations in JavaScript or TypeScript (knex, node-pg-migrate, sequelize)',
    name: /^\d+[-_.][^/]*\.[cm]?[jt]s$/,
    command: '[npx, knex, migrate:latest]',
  },
];

/** The error that names another tool, when the folder is one of it; undefined when it is of none that is known. */
export function refuseOtherTool({ folder, files }: FolderListing): UserError | undefined {
  const all = [...files];
  const others = all.flatMap(([file]) => (file.endsWith('.sql') ? [] : [file]));
  const commented = all.filter(([file, content]) => file.endsWith('.sql') && textOf(content).includes('--'));
  for (const { tool, name, text, command } of foreignTools) {
    const [written] = commented.find(([, content]) => text?.test(textOf(content))) ?? [];
    const file = written ?? others.find((other) => name?.test(other));
    if (file === undefined) continue;
    return new UserError(`the folder ${folder} is one of ${tool}: it holds ${file}`, {
      hint: `Let the tool run it: database.migrations.command: ${command}. It runs with the same lock, backup and verification around it.`,
    });
  }
  return undefined;
}
