import { isQuiet } from '../../task/detector.ts'

export const detectorName = 'tinyfront_detector.h'

/** `tinyfront_detector.h`: from answers over time to detections, as `tinyfront stream` finds them. Settings are macros that a build may set. */
export const detectorHeader = (
  labels: readonly string[],
): string => `/* Made by tinyfront. How answers over time become detections: what \`tinyfront stream\` says of a recording, in the same integers. */
#ifndef TINYFRONT_DETECTOR_H
#define TINYFRONT_DETECTOR_H
#include "tinyfront_meta.h"

/* Answers that are summed, the least mean of the sum (0 to 255), how many of the last answers must agree, and answers of rest after a detection. */
#ifndef TINYFRONT_SMOOTH
#define TINYFRONT_SMOOTH 3
#endif
#ifndef TINYFRONT_THRESHOLD
#define TINYFRONT_THRESHOLD 204
#endif
#ifndef TINYFRONT_HITS
#define TINYFRONT_HITS 2
#endif
#ifndef TINYFRONT_HITS_OF
#define TINYFRONT_HITS_OF 3
#endif
#ifndef TINYFRONT_REST
#define TINYFRONT_REST 5
#endif

/* Zero it to begin. */
typedef struct {
  uint8_t answers[TINYFRONT_SMOOTH][TINYFRONT_LABEL_COUNT];
  int32_t sums[TINYFRONT_LABEL_COUNT];
  int32_t candidates[TINYFRONT_HITS_OF]; /* class + 1; 0 = none */
  int32_t at, seen, resting;
} tinyfront_detector;

/* One answer of the network: the class that is detected now, otherwise -1. */
static inline int32_t tinyfront_detect(tinyfront_detector *d, const int8_t *answer) {
  static const uint8_t quiet[TINYFRONT_LABEL_COUNT] = {${labels.map((label) => (isQuiet(label) ? 1 : 0)).join(', ')}}; /* never a detection */
  int32_t c, i, best = 0, candidate, count = 0;
  for (c = 0; c < TINYFRONT_LABEL_COUNT; c++) {
    const uint8_t level = (uint8_t)(answer[c] + 128);
    d->sums[c] += (int32_t)level - d->answers[d->at][c];
    d->answers[d->at][c] = level;
    if (d->sums[c] > d->sums[best]) best = c;
  }
  d->at = (d->at + 1) % TINYFRONT_SMOOTH;
  candidate = !quiet[best] && d->sums[best] >= TINYFRONT_THRESHOLD * TINYFRONT_SMOOTH ? best + 1 : 0;
  d->candidates[d->seen] = candidate;
  d->seen = (d->seen + 1) % TINYFRONT_HITS_OF;
  if (d->resting > 0) {
    d->resting--;
    return -1;
  }
  for (i = 0; i < TINYFRONT_HITS_OF; i++) count += d->candidates[i] == candidate;
  if (candidate == 0 || count < TINYFRONT_HITS) return -1;
  d->resting = TINYFRONT_REST;
  for (i = 0; i < TINYFRONT_HITS_OF; i++) d->candidates[i] = 0;
  return candidate - 1;
}

#endif
`
