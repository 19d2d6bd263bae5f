// zip.mjs - a zip in memory, by its directory, as any PC's own program reads it.
//
//   const files = unzip(bytes);         { name: bytes, … }, in the archive's order
//   const bytes = zip(files);           an array of [name, bytes] may name a file twice
import assert from 'node:assert/strict';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

export function unzip(bytes) {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  assert.ok(end >= 0, 'the end of an archive');
  const files = {};
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    assert.equal(bytes.readUInt32LE(at), 0x02014b50, 'an entry of the directory');
    const [method, packed, size] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 24)];
    const [nameLen, extraLen, noteLen] = [28, 30, 32].map((n) => bytes.readUInt16LE(at + n));
    const local = bytes.readUInt32LE(at + 42);
    const data = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const part = bytes.subarray(data, data + packed);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLen);
    files[name] = method === 0 ? part : inflateRawSync(part);
    assert.equal(files[name].length, size, name);
    at += 46 + nameLen + extraLen + noteLen;
  }
  return files;
}

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});
const crc32 = (bytes) => ~bytes.reduce((c, byte) => CRC[(c ^ byte) & 255] ^ (c >>> 8), -1) >>> 0;

// A record: its signature, then [bytes, value] for each field.
function record(signature, fields, ...rest) {
  const parts = [Buffer.from(signature, 'latin1'), ...fields.map(([size, value]) => {
    const field = Buffer.alloc(size);
    field.writeUIntLE(value, 0, size);
    return field;
  })];
  return Buffer.concat([...parts, ...rest]);
}

export function zip(files) {
  const bodies = [];
  const directory = [];
  let at = 0;
  for (const [name, content] of Array.isArray(files) ? files : Object.entries(files)) {
    const packed = deflateRawSync(content);
    const shared = [[2, 0], [2, 8], [4, 0x00210000], [4, crc32(content)], [4, packed.length], [4, content.length],
      [2, Buffer.byteLength(name)], [2, 0]];
    directory.push(record('PK\x01\x02', [[2, 20], [2, 20], ...shared, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]], Buffer.from(name)));
    bodies.push(record('PK\x03\x04', [[2, 20], ...shared], Buffer.from(name), packed));
    at += bodies.at(-1).length;
  }
  const size = directory.reduce((sum, entry) => sum + entry.length, 0);
  const end = record('PK\x05\x06', [[2, 0], [2, 0], [2, directory.length], [2, directory.length], [4, size], [4, at], [2, 0]]);
  return Buffer.concat([...bodies, ...directory, end]);
}
