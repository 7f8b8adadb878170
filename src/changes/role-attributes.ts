/** A role as CREATE ROLE knows it, with the roles it is a member of. */
export interface RoleAttributes {
  readonly name: string;
  readonly login: boolean;
  readonly superuser: boolean;
  readonly createdb: boolean;
  readonly createrole: boolean;
  readonly inherit: boolean;
  readonly replication: boolean;
  readonly bypassrls: boolean;
  readonly connectionLimit: number;
  readonly memberOf: readonly string[];
}
