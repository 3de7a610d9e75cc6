#!/usr/bin/env bash
# Puts everything that the Lambda function needs into dist/lambda: compiled code, the workflow bundle, and the production
# dependencies with the native part for one platform only. Then: sam deploy --template-file deploy/template.yaml --guided
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

architecture=${1:-x86_64}
package=dist/lambda

npm run build
npm run bundle
rm -rf "$package"
mkdir -p "$package/dist"
cp package.json package-lock.json "$package/"
for part in workers workflows activities speculation workflow-bundle.js; do
  cp -R "dist/$part" "$package/dist/"
done
npm ci --omit=dev --ignore-scripts --no-audit --no-fund --prefix "$package"

# The SDK brings its native part for five platforms; Lambda has one.
find "$package/node_modules/@temporalio/core-bridge/releases" -mindepth 1 -maxdepth 1 \
  ! -name "$architecture-unknown-linux-gnu" -exec rm -rf {} +
find "$package" -name '*.map' -delete

du -sh "$package"
