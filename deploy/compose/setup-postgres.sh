#!/bin/sh
# Databases and schema of a Temporal server on PostgreSQL. Can be run again at any time: only what is missing is done.
set -eu

host=${POSTGRES_SEEDS:-postgresql}
port=${DB_PORT:-5432}
user=${POSTGRES_USER:-temporal}

sql_tool() {
  temporal-sql-tool --plugin postgres12 --ep "$host" -p "$port" -u "$user" "$@"
}

bring_up_to_date() {
  database=$1
  schema=$2
  if sql_tool --db "$database" update-schema --schema-name "$schema"; then
    return
  fi
  echo "No schema in $database yet, creating it"
  sql_tool --db "$database" create
  sql_tool --db "$database" setup-schema -v 0.0
  sql_tool --db "$database" update-schema --schema-name "$schema"
}

bring_up_to_date temporal postgresql/v12/temporal
bring_up_to_date temporal_visibility postgresql/v12/visibility
