import { type Shape, someCount, times } from './world.ts'

/** Documents that are expensive to parse, validate or measure with any schema. The gateway rejects most of these documents. */
export const documentShapes: Readonly<Record<string, Shape>> = {
  'repeated fields with arguments': (random, { ids }) => {
    const field = random.pick([
      `campaign(id:"${ids.campaigns[0]}"){name}`,
      'campaigns(first:1,filter:{status:[ACTIVE,DRAFT]}){nodes{id}}',
      '__typename',
      'tlds(kind:GENERIC){name}',
    ])
    return `{${times(someCount(random), () => field)}}`
  },
  'repeated fields with long literals': (random) => {
    const repeats = random.pick([10, 40, 50, 51])
    const list = times(Math.floor(3800 / repeats) - 12, () => '"com"')
    return `{${times(repeats, () => `domains(first:1,filter:{tlds:[${list}]}){totalCount}`)}}`
  },
  'repeated fields with long texts': (random) => {
    const repeats = random.pick([10, 40, 50])
    const text = random.pick(['x', '\\u00e9', '\\n', '"'.replace('"', '\\"')]).repeat(Math.floor(80_000 / repeats / 6))
    return `{${times(repeats, () => `searchDomains(query:"${text}",first:1){totalCount}`)}}`
  },
  'repeated fields within each other': (random) => {
    const width = random.pick([2, 3, 7, 49])
    const depth = Math.max(1, Math.floor(Math.log(random.pick([40, 50, 1500])) / Math.log(width)))
    const nest = (level: number): string => (level === 0 ? 'id name' : times(width, () => `owner{${nest(level - 1)}}`))
    return `{campaigns(first:1){nodes{${nest(depth)}}}}`
  },
  'wide objects repeated': (random) => {
    const inner = times(random.pick([10, 38]), (index) => `a${index % 45}:name`)
    return `{${times(50, () => `viewer{user{${inner.replaceAll(/a\d+:/g, random.pick(['', 'x:']))}}}`)}}`
  },
  'fields in conflict': (random) => {
    const count = someCount(random, 1900)
    return `{campaigns(first:1){nodes{${times(count, (index) => `${index % 2 ? 'a:name' : 'a:status'}`)}}}}`
  },
  'conflicts below repeated fields, and many lines': (random) => {
    const inner = (other: boolean) => times(random.pick([5, 19, 38]), (index) => `f${index}:${other ? 'name' : 'id'}`)
    const lines = '\n'.repeat(random.pick([0, 1000, 8000, 80_000]))
    return `${lines}{campaigns(first:1){nodes{${times(random.pick([2, 10, 50]), (index) => `owner{${inner(index % 2 === 0)}}`)}}}}`
  },
  'inline fragments side by side': (random) =>
    `{${times(someCount(random), () => random.pick(['...{__typename}', '...on Query{__typename}']))}}`,
  'inline fragments within each other': (random) => nested(someCount(random), '...on Query{', '__typename', '}'),
  'fields within each other': (random) =>
    `{campaigns(first:1){nodes${nested(someCount(random), '{domains(first:1){nodes{campaign', '{id}', '}}}')}}}`,
  'a chain of fragments': (random) => {
    const count = someCount(random)
    return `{...f0} ${times(count, (index) => `fragment f${index} on Query{...f${index + 1}}`)} fragment f${count} on Query{__typename}`
  },
  'a star of fragments': (random) => {
    const count = someCount(random, 3000)
    return `{${times(count, (index) => `...f${index}`)}} ${times(count, (index) => `fragment f${index} on Query{__typename viewer{role}}`)}`
  },
  'fragments that double': (random) => {
    const count = random.pick([5, 9, 10, 25, 90])
    const width = random.pick([2, 3])
    return `{...f0} ${times(count, (index) => `fragment f${index} on Query{${times(width, () => `...f${index + 1}`)}}`)} fragment f${count} on Query{__typename}`
  },
  'fragments in a ring': (random) => {
    const count = random.pick([1, 2, 10, 90])
    return `{...f0} ${times(count, (index) => `fragment f${index} on Query{...f${(index + 1) % count}}`)}`
  },
  'fragments that lead back to all before them': (random) => {
    const count = random.pick([4, 10, 16, 30, 38, 90])
    const back = (index: number) => times(index, (other) => `...f${other}`)
    return `{...f0} ${times(count, (index) => `fragment f${index} on Query{...f${Math.min(index + 1, count - 1)} ${back(index)}}`)}`
  },
  'fragments that all lead to all': (random) => {
    const count = random.pick([3, 7, 8, 9, 30])
    return `{...f0} ${times(count, (index) => `fragment f${index} on Query{${times(count, (other) => `...f${other}`)} a${index}:__typename}`)}`
  },
  'fields in fragments that lead back': (random) => {
    const count = random.pick([4, 12, 24, 40])
    const back = (index: number) => times(index, (other) => `a:owner{...f${other}}`)
    return `{campaigns(first:1){nodes{...f0}}} ${times(count, (index) => `fragment f${index} on Campaign{a:owner{...f${Math.min(index + 1, count - 1)}} ${back(index)}}`)}`
  },
  'many operations': (random) => times(someCount(random, 8000), (index) => `query Q${index}{__typename}`),
  'many operations of many fragments': (random) => {
    const count = random.pick([10, 49])
    return `${times(count, (index) => `query Q${index}($v:Int){${times(count, (other) => `...f${other}`)}}`)} ${times(count, (index) => `fragment f${index} on Query{campaigns(first:$v){totalCount}}`)}`
  },
  'unknown directives': (random) => `{__typename ${times(someCount(random), (index) => `@a${index}`)}}`,
  'a directive repeated': (random) =>
    `{__typename ${times(someCount(random), () => random.pick(['@skip(if:false)', '@include(if:true)']))}}`,
  'directives everywhere': (random) => `{${times(someCount(random, 5000), () => '__typename @include(if:true)')}}`,
  'a directive with a long list': (random) => `{__typename @skip(if:[${times(someCount(random), () => 'true')}])}`,
  '@defer and @stream': (random) =>
    `{${times(random.pick([1, 20, 50]), () => '...@defer{__typename}')} campaigns(first:1){nodes @stream(initialCount:0){id}}}`,
  'a wide literal': (random) => `{node(id:{${times(someCount(random), (index) => `k${index}:1`)}}){id}}`,
  'a wide list': (random) => `{nodes(ids:[${times(someCount(random), (index) => `"${index}"`)}]){id}}`,
  'a deep literal': (random) => `{node(id:${nested(someCount(random), random.pick(['[', '{a:']), '1', '')}${']'.repeat(4)}){id}}`,
  'a deep list': (random) => `{nodes(ids:${nested(someCount(random), '[', '"1"', ']')}){id}}`,
  'many arguments': (random) => `{node(${times(someCount(random), (index) => `a${index}:1`)}){id}}`,
  'many variables': (random) =>
    `query(${times(someCount(random), (index) => `$v${index}:${random.pick(['Int', 'Nothing', '[Int!]!=1'])}`)}){__typename}`,
  'a type with many wrappings': (random) => `query($v:${nested(someCount(random), '[', 'Int', ']')}){__typename}`,
  'many lines': (random) => `{${'\n'.repeat(someCount(random) * 4)} ${times(random.pick([1, 20, 300]), (index) => `nothing${index}`)}}`,
  comments: (random) => `#${'x'.repeat(someCount(random))}\n`.repeat(random.pick([1, 3])).concat('{__typename}'),
  'many comments': (random) => `${'#\n'.repeat(someCount(random))}{__typename}`,
  commas: (random) => `{${','.repeat(someCount(random) * 3)}__typename}`,
  'a block string': (random) => `{node(id:"""${random.pick(['\n', ' \n', '\\"""', 'x\n  ']).repeat(someCount(random))}"""){id}}`,
  'a long text': (random) => `{node(id:"${random.pick(['x', '\\u{1F600}', '\\n', '\u{10FFFF}']).repeat(someCount(random))}"){id}}`,
  'a text without an end': (random) => `{node(id:"${'x'.repeat(someCount(random))}`,
  'long names': (random) =>
    `{${'n'.repeat(someCount(random))} ${times(random.pick([1, 40]), (index) => `campaign${'s'.repeat(index)}(frist:1)`)}}`,
  'names of many scripts': (random) =>
    `{${random.pick(['caf\u00e9', '\u202e', '\ud800', '\ufeff', '\u0000', '\u{1F600}'])} ${times(someCount(random, 900), () => '\u00e9')}}`,
  numbers: (random) =>
    `{campaigns(first:${random.pick(['9'.repeat(someCount(random)), '-0', '1e999', '0.'.concat('0'.repeat(2000), '1')])}){nodes{id}}}`,
  'no document': (random) =>
    random.pick([
      '',
      ' ',
      '{',
      '}',
      '{}',
      '{a',
      'null',
      'query',
      'fragment on on on{on}',
      '{...}',
      '"""',
      '{a(b:{c:[',
      'type A{b:Int}',
      'extend schema@a',
    ]),
  braces: (random) => random.pick(['{', '}', '{a', '[', '{a(b:']).repeat(someCount(random)),
  'spreads of nothing': (random) => `{${times(someCount(random), (index) => `...n${index}`)}}`,
  'fragments nobody uses': (random) =>
    `{__typename} ${times(someCount(random, 3000), (index) => `fragment f${index} on Query{__typename}`)}`,
  'fragments of one name': (random) => `{...f} ${times(someCount(random, 3000), () => 'fragment f on Query{...f __typename}')}`,
}

function nested(depth: number, open: string, inner: string, close: string): string {
  return `${open.repeat(depth)}${inner}${close.repeat(depth)}`
}
