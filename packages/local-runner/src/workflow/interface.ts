import { UserError } from '@slipway/kernel';
import { formatLocation } from '../expressions/evaluate.ts';
import { fields, items, literal, type Part, refuseUnknown } from './document.ts';
import type { CallInterface, InputDeclaration, InputType, Template } from './model.ts';

const inputTypes: readonly InputType[] = ['string', 'boolean', 'number', 'choice', 'environment'];

export function readInterface(part: Part): CallInterface {
  const { file } = part;
  refuseUnknown(part, ['inputs', 'secrets', 'outputs'], 'trigger');
  const section = (name: string): [string, Part][] => {
    const token = fields(part).get(name);
    return token ? [...fields({ file, token })].map(([key, value]) => [key, { file, token: value }]) : [];
  };
  return {
    inputs: new Map(section('inputs').map(([name, one]) => [name, readInput(one)])),
    secrets: new Map(section('secrets').map(([name, one]) => [name, isRequired(one)])),
    outputs: new Map(section('outputs').map(([name, one]) => [name, outputValue(name, one)])),
  };
}

function isRequired(part: Part): boolean {
  return String(fields(part).get('required') ?? 'false') === 'true';
}

function readInput(part: Part): InputDeclaration {
  refuseUnknown(
    part,
    ['description', 'type', 'required', 'default', 'options', 'deprecationMessage'],
    'input',
  );
  const said = fields(part);
  const type = said.get('type') ? literal({ ...part, token: said.get('type') as Template }) : 'string';
  if (!inputTypes.includes(type as InputType)) {
    throw new UserError(`${formatLocation(part.file, part.token.line)}: "${type}" is not a type of an input`);
  }
  const options = said.get('options');
  return {
    type: type as InputType,
    required: isRequired(part),
    default: said.get('default'),
    options: options ? items({ ...part, token: options }).map(String) : [],
  };
}

function outputValue(name: string, part: Part): Template {
  const value = fields(part).get('value');
  if (value) return value;
  throw new UserError(`${formatLocation(part.file, part.token.line)}: the output ${name} has no value`);
}
