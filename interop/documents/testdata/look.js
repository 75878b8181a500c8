// look.js CHROMIUM PICTURES PAGE...: opens pages in a browser, and prints a line of JSON
// for each way to look at one. PICTURES is a folder for pictures, or empty.
const fs = require('fs'), path = require('path');
const puppeteer = require('puppeteer-core');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const [chromium, pictures, ...pages] = process.argv.slice(2);

const views = [
  {as: 'light', width: 1200, scheme: 'light'},
  {as: 'dark', width: 1200, scheme: 'dark'},
  {as: 'phone', width: 375, scheme: 'light'},
];

// open opens a page as it is, and collects what the browser complains about.
async function open(browser, file, complaints) {
  const page = await browser.newPage();
  page.on('console', m => complaints.push('console: ' + m.text()));
  page.on('dialog', d => { complaints.push('a dialog'); d.dismiss(); });
  page.on('pageerror', e => complaints.push('error: ' + e));
  page.on('request', r => { if (!r.url().startsWith('file://' + file)) complaints.push('asks for ' + r.url()); });
  await page.goto('file://' + file);
  return page;
}

async function look(browser, file, view) {
  const complaints = [];
  const page = await open(browser, file, complaints);
  await page.setViewport({width: view.width, height: 900});
  await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: view.scheme}]);
  const scrollsToo = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (pictures) {
    const high = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.screenshot({path: path.join(pictures, path.basename(file) + '-' + view.as + '.png'),
      clip: {x: 0, y: 0, width: view.width, height: Math.min(high, 8000)}, captureBeyondViewport: true});
  }
  // The policy of the page keeps the checker out too: it is let into a copy.
  const copy = await browser.newPage();
  await copy.setBypassCSP(true);
  await copy.setViewport({width: view.width, height: 900});
  await copy.emulateMediaFeatures([{name: 'prefers-color-scheme', value: view.scheme}]);
  await copy.goto('file://' + file);
  await copy.evaluate(() => document.querySelectorAll('details').forEach(d => { d.open = true; }));
  await copy.evaluate(axe);
  const found = await copy.evaluate(() => axe.run(document));
  for (const v of found.violations) complaints.push(v.id + ': ' + v.help + ': ' + v.nodes[0].html.slice(0, 200));
  await copy.close();
  await page.close();
  return {page: path.basename(file), as: view.as, complaints, rules: found.passes.length, scrollsToo};
}

async function print(browser, file) {
  const complaints = [];
  const page = await open(browser, file, complaints);
  const options = {format: 'A4', preferCSSPageSize: true};
  if (pictures) options.path = path.join(pictures, path.basename(file) + '-print.pdf');
  await page.pdf(options);
  await page.close();
  return {page: path.basename(file), as: 'print', complaints, rules: 0, scrollsToo: 0};
}

(async () => {
  const browser = await puppeteer.launch({executablePath: chromium, args: ['--no-sandbox'], headless: true});
  try {
    for (const file of pages) {
      for (const view of views) console.log(JSON.stringify(await look(browser, file, view)));
      console.log(JSON.stringify(await print(browser, file)));
    }
  } finally {
    await browser.close();
  }
})();
