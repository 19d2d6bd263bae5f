// schema.mjs - does a value fit a schema of our OpenAPI document? As much of JSON Schema as it uses.
//
//   const faults = misfits(document, { $ref: '#/components/schemas/Slip' }, value);   [] when it fits
//   resolve(document, schema)      follows $ref
//
// Fields that the schema does not name are faults, too: an answer holds what its description says.

export function resolve(document, schema) {
  if (!schema.$ref) return schema;
  return resolve(document, schema.$ref.slice(2).split('/').reduce((node, name) => node[name], document));
}

const kinds = {
  string: (v) => typeof v === 'string',
  integer: (v) => Number.isInteger(v),
  number: (v) => typeof v === 'number',
  boolean: (v) => typeof v === 'boolean',
  object: (v) => v !== null && typeof v === 'object' && !Array.isArray(v),
  array: Array.isArray,
  null: (v) => v === null,
};
const formats = {
  date: /^\d{4}-\d\d-\d\d$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)$/,
};

export function misfits(document, given, value, path = '$') {
  const schema = resolve(document, given);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) {
    const tries = choices.map((choice) => misfits(document, choice, value, path));
    return tries.some((faults) => faults.length === 0) ? [] : tries[0];
  }
  const types = [schema.type ?? Object.keys(kinds)].flat();
  const type = types.find((name) => kinds[name](value));
  if (!type) return [`${path} is ${JSON.stringify(value)}, not ${types}`];
  const faults = [];
  const check = (ok, what) => ok || faults.push(`${path} is ${JSON.stringify(value)}, not ${what}`);
  if (schema.enum) check(schema.enum.includes(value), `one of ${schema.enum}`);
  if (type === 'string' && schema.pattern) check(new RegExp(schema.pattern).test(value), schema.pattern);
  if (type === 'string' && schema.format in formats) check(formats[schema.format].test(value), schema.format);
  if (schema.minimum !== undefined && value !== null) check(value >= schema.minimum, `>= ${schema.minimum}`);
  if (type === 'array') {
    if (schema.minItems) check(value.length >= schema.minItems, `${schema.minItems} items`);
    value.forEach((item, i) => faults.push(...misfits(document, schema.items, item, `${path}[${i}]`)));
  }
  if (type === 'object' && schema.properties) {
    for (const name of schema.required ?? [])
      if (!(name in value)) faults.push(`${path}.${name} is missing`);
    for (const [name, part] of Object.entries(value))
      if (!(name in schema.properties)) faults.push(`${path}.${name} is not described`);
      else faults.push(...misfits(document, schema.properties[name], part, `${path}.${name}`));
  }
  return faults;
}
