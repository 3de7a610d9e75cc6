/** A row as the database gives it. */
export type Row = Record<string, unknown>;

/** Values that every database takes. */
export type Parameter = string | number | null;

/** One transaction. */
export interface Session<Connection> {
  /** Question marks stand for the parameters, in order. */
  readonly query: (sql: string, parameters: readonly Parameter[]) => Promise<Row[]>;
  /** The database's own client. */
  readonly connection: Connection;
}

/** What a stage store needs of a database. */
export interface StageDatabase<Connection> {
  /** Where the tables are, as a prefix of their names in SQL. */
  readonly prefix: string;
  /** Type of a column that numbers rows by itself. */
  readonly serialType: string;
  /** What a SELECT needs so that a row is not changed by others until the end of the transaction. */
  readonly lockRow: string;
  /** The same, leaving out rows that others have locked. */
  readonly lockFreeRow: string;
  /** Connects; may be called again. */
  connect(): Promise<void>;
  /** Whether there is a table of that name, and so somebody has made the tables before. */
  hasTable(session: Session<Connection>, name: string): Promise<boolean>;
  /** Lets one process at a time make tables, until the end of the transaction. */
  lockSchema(session: Session<Connection>): Promise<void>;
  /** All that `body` writes becomes true together, or nothing where it fails. */
  transaction<T>(body: (session: Session<Connection>) => Promise<T>): Promise<T>;
  /** Reads what is committed, and waits for nobody. */
  read(sql: string, parameters: readonly Parameter[]): Promise<Row[]>;
  close(): Promise<void>;
}
