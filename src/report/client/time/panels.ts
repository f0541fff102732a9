/** All panels over one time axis. What stays when another edge is chosen is drawn once: most of the work. */
import type { Page } from '../page.js';
import { type Part, timeAxis } from './axes.js';
import { failurePanel, openPanel, ratePanel } from './count-panels.js';
import { CHART_BOTTOM, type Frame, type PanelValues } from './frame.js';
import { markFindings, markLosses } from './marks.js';
import { speedPanel } from './speed-panel.js';

/** Gives what draws into `part` the panels with the values of the moment. */
export function panelsIn(part: Part, page: Page, frame: Frame): (now: PanelValues) => void {
  const still: Part = part.append('g');
  const over: Part = part.append('g');
  /** What `still` was drawn for, and what draws the chosen edge into it and over it. */
  let drawn = '';
  let drawEdge: (now: PanelValues) => void = () => undefined;

  const drawStill = (now: PanelValues): void => {
    still.selectChildren().remove();
    markLosses(still, page, frame);
    markFindings(still, page, frame);
    // From top to bottom, also for who reads the saved file.
    const rate = ratePanel(still, frame, now);
    const times: Part = still.append('g');
    const counts = [rate, failurePanel(still, frame, now), openPanel(still, frame, now)];
    timeAxis(page, still, frame.x, frame.right, CHART_BOTTOM);
    drawEdge = (values) => {
      times.selectChildren().remove();
      speedPanel(times, frame, values);
      over.selectChildren().remove();
      for (const draw of counts) draw(over, values.chosen?.values ?? null);
    };
  };
  return (now) => {
    // An edge that is shown alone has axes of its own.
    const wanted = `${page.store.view.zone} ${now.total === null ? now.chosen?.index : 'all'}`;
    if (wanted !== drawn) drawStill(now);
    drawn = wanted;
    drawEdge(now);
  };
}
