/** What is known of a column. */
export interface ColumnFacts {
  /** As `format_type` writes it: `character varying(20)`, `integer`. */
  type: string;
  notNull: boolean;
}

/** What is known of a table, view or materialised view. */
export interface RelationFacts {
  /** `pg_class.relkind`: `r` table, `p` partitioned table, `v` view, `m` materialised view, `f` foreign table. */
  kind: string;
  /** `pg_class.reltuples`; negative when it was never counted. */
  rows: number;
  columns: Record<string, ColumnFacts>;
  /** Columns that a validated CHECK proves not to be null. */
  provenNotNull: string[];
}

/** What is known of the database that is to be migrated. Without it the lint expects the worst. */
export interface CatalogFacts {
  /** By `schema.name`, unquoted. */
  relations: Record<string, RelationFacts>;
}
