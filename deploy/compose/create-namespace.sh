#!/bin/sh
# The namespace and Runahead's search attributes. Can be run again at any time: only what is missing is done.
# TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE are read by the temporal command itself.
set -eu

namespace=${TEMPORAL_NAMESPACE:-default}

attempt=1
until temporal operator cluster health; do
  if [ "$attempt" -ge 12 ]; then
    echo "The server at ${TEMPORAL_ADDRESS:-localhost:7233} is not healthy after $attempt attempts" >&2
    exit 1
  fi
  attempt=$((attempt + 1))
  sleep 5
done

if ! temporal operator namespace describe --namespace "$namespace" >/dev/null 2>&1; then
  temporal operator namespace create --namespace "$namespace" --retention "${TEMPORAL_RETENTION:-72h}"
fi

# A new namespace is not visible to every part of the server at once, so the list is tried until it answers.
attempt=1
until existing=$(temporal operator search-attribute list --namespace "$namespace"); do
  if [ "$attempt" -ge 12 ]; then
    echo "Namespace $namespace does not answer" >&2
    exit 1
  fi
  attempt=$((attempt + 1))
  sleep 5
done

register() {
  name=$1
  type=$2
  case "$existing" in
    *"$name "*) ;;
    *) temporal operator search-attribute create --namespace "$namespace" --name "$name" --type "$type" ;;
  esac
}

register SpecCostMicroUsd Int
register SpecWasteMicroUsd Int
register SpecSavedMs Int
register SpecPolicy Keyword
register SpecEntries KeywordList
