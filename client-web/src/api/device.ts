// What this device is called in the list of one's sign-ins: words that its owner would use.
const systems: [RegExp, string][] = [
  [/HarmonyOS|OpenHarmony/, 'HarmonyOS'],
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Macintosh/, 'Mac'],
  [/Linux/, 'Linux'],
]
// The first that fits: nearly every browser also claims to be Chrome and Safari.
const browsers: [RegExp, string][] = [
  [/MicroMessenger/, 'WeChat'],
  [/Edg\//, 'Edge'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]

export function deviceName(agent = navigator.userAgent): string | undefined {
  const found = [systems, browsers].flatMap((list) => list.find(([sign]) => sign.test(agent))?.[1] ?? [])
  return found.length ? found.join(' · ') : undefined
}
