/**
 * The defects that can be planted in a file, read off its syntax tree.
 *
 * Left alone: types, messages of errors (a test that repeats a message proves little), and imports.
 */
import { parseSync } from 'vite'

const flips = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '+': '-',
  '-': '+',
  '*': '+',
  '/': '*',
  '&&': '||',
  '||': '&&',
  '??': '&&',
  '&': '|',
  '|': '&',
  '<<': '>>',
  '>>': '<<',
  '>>>': '<<',
  '+=': '-=',
  '-=': '+=',
  '++': '--',
  '--': '++',
}

/** Every defect as `{ at, from, to, start, end }`: the text from `start` to `end`, on line `at`, becomes `to`. */
export function mutants(path, text) {
  const found = []
  const add = (start, end, to) =>
    found.push({ at: text.slice(0, start).split('\n').length, from: text.slice(start, end), to, start, end })
  walk(parseSync(path, text).program, node => {
    if (ignored(node)) return false
    switch (node.type) {
      case 'BinaryExpression':
      case 'LogicalExpression':
      case 'AssignmentExpression':
        flip(node, node.left.end, node.right.start)
        break
      case 'UpdateExpression':
        if (node.prefix) flip(node, node.start, node.argument.start)
        else flip(node, node.argument.end, node.end)
        break
      case 'UnaryExpression':
        if (node.operator === '!') add(node.start, node.argument.start, '')
        break
      case 'Literal':
        if (typeof node.value === 'number') add(node.start, node.end, String(node.value + 1))
        if (typeof node.value === 'boolean') add(node.start, node.end, String(!node.value))
        break
      case 'IfStatement':
        add(node.test.start, node.test.end, `!(${text.slice(node.test.start, node.test.end)})`)
        break
      case 'ConditionalExpression':
        add(node.consequent.start, node.alternate.end, swapped(node))
        break
      case 'ExpressionStatement':
        if (droppable(node.expression)) add(node.start, node.end, ';')
        break
      case 'ContinueStatement':
      case 'BreakStatement':
        add(node.start, node.end, ';')
    }
    return true
  })
  return found

  function flip(node, from, to) {
    const other = flips[node.operator]
    const at = text.indexOf(node.operator, from)
    if (other !== undefined && at !== -1 && at < to) add(at, at + node.operator.length, other)
  }

  function swapped({ consequent, alternate }) {
    return `${text.slice(alternate.start, alternate.end)} : ${text.slice(consequent.start, consequent.end)}`
  }
}

function droppable({ type }) {
  return type === 'CallExpression' || type === 'AssignmentExpression' || type === 'UpdateExpression'
}

function ignored({ type }) {
  return type.startsWith('TS')
    ? !type.endsWith('Expression')
    : type === 'ThrowStatement' || type === 'ImportDeclaration'
}

function walk(node, enter) {
  if (Array.isArray(node)) for (const each of node) walk(each, enter)
  else if (node !== null && typeof node === 'object' && typeof node.type === 'string' && enter(node))
    for (const name in node) walk(node[name], enter)
}
