// certificate.mjs - a key and a self-signed certificate for tests of TLS.
//
//   const { cert, key, pem } = await makeCertificate('first');   two files, and the certificate's text
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, tempDir } from './process.mjs';

export async function makeCertificate(name) {
  const [cert, key] = ['crt', 'key'].map((end) => join(tempDir(), `${name}.${end}`));
  const made = await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
    '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1',
    '-out', cert, '-keyout', key]);
  assert.equal(made.code, 0, made.stderr);
  return { cert, key, pem: readFileSync(cert, 'utf8') };
}
