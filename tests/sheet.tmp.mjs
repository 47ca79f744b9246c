import { chromium } from 'playwright-core';
const [scheme] = process.argv.slice(2);
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--allow-file-access-from-files'] });
const p = await b.newPage();
const sheet = async (name, w, h, files) => {
  await p.setViewportSize({ width: w, height: h });
  const html = `<body style="margin:0;background:#888;display:flex;flex-wrap:wrap;gap:8px;align-items:start">` + files.map(([f, width]) => `<img src="file:///tmp/wt-shots/${f}-${scheme}.png" style="width:${width}px">`).join('');
  (await import('node:fs')).writeFileSync('/tmp/wt-shots/sheet.html', html);
  await p.goto('file:///tmp/wt-shots/sheet.html');
  await p.screenshot({ path: `/tmp/wt-shots/sheet-${name}-${scheme}.png`, fullPage: true });
};
const ph = (s, ps, w) => ps.map((x) => [`phone-${s}-${x}`, w]);
await sheet('p1', 1840, 900, ph(360, ['days', 'hours', 'minutes', 'seconds', 'now'], 360));
await sheet('p2', 1840, 900, ph(360, ['after', 'moved', 'held', 'cancelled', 'away'], 360));
await sheet('q', 1840, 900, ph(412, ['days', 'hours', 'minutes', 'seconds', 'now', 'after'], 298));
for (const n of [1080, 2160]) await sheet('d' + n, 1928, 900, ['days', 'hours', 'minutes', 'seconds', 'now', 'after', 'moved', 'held', 'cancelled', 'away'].map((x) => [`display-${n}-${x}`, 960]));
await b.close();
