"""Writes frames-v1.bin and frames-v1.json from docs/formats/frames.md alone: a second opinion on the format.

Version 1 is frozen: run this only to see how the fixture came to be.   python3 frames-v1.py
"""
import json, math, struct

def u32(*numbers): return struct.pack('<%dI' % len(numbers), *numbers)
def i32(numbers): return struct.pack('<%di' % len(numbers), *numbers)
def f64(numbers): return struct.pack('<%dd' % len(numbers), *numbers)
def i64(numbers): return struct.pack('<%dq' % len(numbers), *numbers)
def wtf8(text): return text.encode('utf-16', 'surrogatepass').decode('utf-16', 'surrogatepass').encode('utf-8', 'surrogatepass')
def word(data): return data + bytes(-len(data) % 4)

def bits(present):
    out = bytearray((len(present) + 7) // 8)
    for i, bit in enumerate(present): out[i // 8] |= bit << (i % 8)
    return bytes(out)

def varint(n):
    out = bytearray()
    while n > 127: out.append(n & 127 | 128); n >>= 7
    return bytes(out + bytes([n]))

def sized(data): return varint(len(data)) + data

class Any:
    """Opaque values, in the notation of the JSON file: see `fixture` in frames.test.ts."""
    def __init__(self): self.shapes = []
    def value(self, v):
        if v is None: return b'\1'
        if v is False or v is True: return bytes([2 + v])
        if isinstance(v, int): return b'\4' + varint((v << 1 ^ v >> 31) & 0xffffffff)
        if isinstance(v, float): return b'\5' + f64([v])
        if isinstance(v, str): return b'\10' + sized(wtf8(v))
        if isinstance(v, list): return b'\11' + varint(len(v)) + b''.join(map(self.value, v))
        tag, x = next(iter(v.items())) if len(v) == 1 else ('', None)
        if tag == '$undefined': return b'\0'
        if tag == '$double': return b'\5' + f64([float(x)])
        if tag == '$bigint' and -2**63 <= int(x) < 2**63: return b'\6' + i64([int(x)])
        if tag == '$bigint':
            size = (abs(int(x)).bit_length() + 7) // 8
            return b'\7' + bytes([int(x) < 0]) + sized(abs(int(x)).to_bytes(size, 'little'))
        if tag == '$date': return b'\14' + f64([float(x)])
        if tag == '$map': return b'\15' + varint(len(x)) + b''.join(self.value(k) + self.value(y) for k, y in x)
        if tag == '$set': return b'\16' + varint(len(x)) + b''.join(map(self.value, x))
        if tag == '$array': return b'\17' + bytes([x[0]]) + sized(bytes.fromhex(x[1]))
        if tag == '$buffer': return b'\20' + sized(bytes.fromhex(x))
        keys = list(v)
        if keys in self.shapes: head = b'\13' + varint(self.shapes.index(keys))
        else:
            self.shapes.append(keys)
            head = b'\12' + varint(len(keys)) + b''.join(sized(wtf8(k)) for k in keys)
        return head + b''.join(self.value(v[k]) for k in keys)

NUMBERS = {'int32': (0, i32), 'double': (1, f64), 'timestamp': (1, f64), 'bigint': (2, i64), 'boolean': (3, bytes)}

def plain(v):
    """A number of a column, from the notation of the JSON file."""
    if isinstance(v, dict): return int(v['$bigint']) if '$bigint' in v else float(v['$double'])
    return v

def column(kind, values, opaque):
    """Kind number, entries, sections."""
    present = [v is not None for v in values]
    validity = b'' if all(present) or kind == 'any' else bits(present)
    if kind in NUMBERS:
        number, pack = NUMBERS[kind]
        return number, 0, [validity, pack([0 if v is None else plain(v) for v in values])]
    if kind == 'any': return 6, 0, [b'', b''.join(map(opaque.value, values))]
    if kind == 'dictionary':
        entries = list(dict.fromkeys(v for v in values if v is not None))
        codes = i32([0 if v is None else entries.index(v) for v in values])
        texts = [wtf8(e) for e in entries]
        return 4, len(entries), [validity, codes, i32([len(t) for t in texts]), b''.join(map(word, texts))]
    starts, lengths, heap = [], [], b''
    for v in values:
        text = b'' if v is None else wtf8(v)
        starts.append(len(heap) // 4 if text else 0)
        lengths.append(len(text))
        heap += word(text)
    return 5, 0, [validity, i32(starts), i32(lengths), heap]

def frame(fields, rows, weights=None, times=None, count=None):
    """fields: name, type, nullable, and how text is held."""
    count = len(rows) if count is None else count
    tables = 40 + 40 * len(fields)
    body = b''
    def section(data, there=True):
        nonlocal body
        if not there: return u32(0, 0)
        at = tables + len(body)
        body += data + bytes(-len(data) % 8)
        return u32(at, len(data))
    head = section(i32(weights or []), weights is not None) + section(f64(times or []), times is not None)
    opaque, descriptors = Any(), b''
    for c, (name, type, nullable, held) in enumerate(fields):
        number, entries, sections = column(held or type, [row[c] for row in rows], opaque)
        descriptors += bytes([number, bool(sections[0]), 0, 0]) + u32(entries)
        descriptors += section(sections[0], bool(sections[0])) + b''.join(map(section, sections[1:]))
        descriptors += u32(0, 0) * (4 - len(sections))
    flags = (weights is not None) | (times is not None) << 1
    head = b'MLRF' + struct.pack('<2H', 1, flags) + u32(tables + len(body), count, len(fields), 0) + head
    return head + descriptors + body

def described(fields, rows, weights=None, times=None, bare=False, count=None):
    return {'bare': bare, 'fields': [f[:3] for f in fields], 'kinds': [KIND.get(f[3] or f[1], f[3] or f[1]) for f in fields],
            'length': len(rows) if count is None else count, 'rows': rows, 'weights': weights, 'times': times}
KIND = {'timestamp': 'double'}

ALL = [['i', 'int32', False, ''], ['d', 'double', True, ''], ['b', 'bigint', True, ''], ['f', 'boolean', True, ''],
       ['code', 'text', True, 'dictionary'], ['text', 'text', True, 'utf8'], ['at', 'timestamp', False, ''], ['any', 'any', True, '']]
big = lambda n: {'$bigint': str(n)}
FRAMES = [
    dict(fields=ALL, rows=[
        [1, 1.5, big(2**63 - 1), True, 'SFO', 'San Francisco', 1e12, {'a': 1, 'b': ['x']}],
        [-2**31, None, None, None, None, None, -1.0, None],
        [2**31 - 1, {'$double': 'NaN'}, big(-2**63), False, 'JFK', 'Zürich \U0001f600', 0.0, {'a': 2, 'b': {'a': 3, 'b': 4}}],
        [0, {'$double': '-0'}, big(0), True, 'SFO', '', 5.0, {'b': 1, 'a': 2}]],
        weights=[1, -1, 2**31 - 1, -2**31], times=[0.0, 1.5, -1.0, 1e15]),
    dict(fields=[['value', 'text', False, 'utf8']], bare=True, rows=[[t] for t in ['a\ud800', '\udc00', '', '\ufeffbom', 'x' * 40, '\ud800\ue000']]),
    dict(fields=[['value', 'text', True, 'dictionary']], bare=True, rows=[[None], [None]]),
    dict(fields=[['value', 'any', True, '']], bare=True, rows=[[v] for v in [
        {'$undefined': True}, None, False, True, 0, -1, 2**31 - 1, -2**31, {'$double': '2147483648'}, {'$double': '-0'},
        {'$double': 'NaN'}, {'$double': 'inf'}, big(5), big(2**63), big(-2**200), '', 'é\udfff' * 30, [], [[1], {'$undefined': True}],
        {}, {'k': {}}, {'k': 1}, {'__proto__': 1, '': 2}, {'$date': '0'}, {'$date': 'NaN'},
        {'$map': [['k', 1], [{'k': 2}, None]]}, {'$set': [1, '1', [1]]}, {'$array': [1, '00ff']}, {'$array': [8, '000000000000f03f']},
        {'$array': [10, 'ffffffffffffffff']}, {'$buffer': '0102'}]]),
    dict(fields=ALL, rows=[], weights=[], times=[]),
    dict(fields=[], rows=[], count=3),
]

if __name__ == '__main__':
    with open('frames-v1.bin', 'wb') as out:
        for f in FRAMES: out.write(frame(**{k: v for k, v in f.items() if k != 'bare'}))
    with open('frames-v1.json', 'w') as out: json.dump([described(**f) for f in FRAMES], out, indent=1)
