// Makes the types of a TypeScript client of an OpenAPI document; started by a test with both paths.
import { readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';

const [document, types] = process.argv.slice(2);
const blob = ts.factory.createTypeReferenceNode(ts.factory.createIdentifier('Blob'));
// Files are of that type, as https://openapi-ts.dev/node says.
const transform = (schema) => (schema.format === 'binary' ? blob : undefined);
const found = await openapiTS(JSON.parse(readFileSync(document, 'utf8')), { transform });
writeFileSync(types, astToString(found));
