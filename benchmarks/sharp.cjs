// CPU milliseconds that Node's sharp takes for the same pictures; prints JSON by size and format.
const sharp = require("sharp");

sharp.cache(false);
sharp.concurrency(1);

const draw = (width, height, format) => {
  const size = 0.115 * Math.sqrt(width * height);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="100%" height="100%" fill="#ddd"/>
    <text x="50%" y="50%" dy=".36em" font-family="Inter, sans-serif" font-weight="600"
      font-size="${size}" fill="#575757" text-anchor="middle">${width}×${height}</text></svg>`;
  return sharp(Buffer.from(svg)).toFormat(format).toBuffer();
};

(async () => {
  const taken = {};
  for (const [width, height] of JSON.parse(process.argv[2])) {
    for (const format of ["png", "jpeg"]) {
      await draw(width, height, format);
      const times = [];
      for (let round = 0; round < 7; round++) {
        const before = process.cpuUsage();
        for (let i = 0; i < 5; i++) await draw(width, height, format);
        const { user, system } = process.cpuUsage(before);
        times.push((user + system) / 5000);
      }
      taken[`${width}x${height}.${format}`] = times.sort((a, b) => a - b)[3];
    }
  }
  console.log(JSON.stringify(taken));
})();
