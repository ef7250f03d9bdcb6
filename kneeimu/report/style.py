"""The page's style: light, for screens and for A4 paper."""

from __future__ import annotations

from kneeimu.report.colours import (
    AMBER_BAND,
    AMBER_INK,
    AXIS,
    GREEN_BAND,
    GREEN_INK,
    GRID,
    INK,
    PANEL,
    PAPER,
    RED_BAND,
    RED_INK,
)

CSS = f"""
:root {{ color-scheme: light; }}
* {{ box-sizing: border-box; }}
body {{ margin: 0; background: {PAPER}; color: {INK}; line-height: 1.45;
  font: 15px/1.45 "Helvetica Neue", Helvetica, Arial, "DejaVu Sans", sans-serif; }}
main {{ max-width: 56rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }}
h1 {{ font-size: 1.75rem; margin: 0; }}
h2 {{ font-size: 1.25rem; margin: 2.2rem 0 .5rem; padding-top: .6rem; border-top: 2px solid {INK}; }}
h3 {{ font-size: 1rem; margin: 1.3rem 0 .3rem; }}
p {{ margin: .4rem 0; max-width: 46rem; }}
.quiet {{ color: {AXIS}; }}
.remarks {{ list-style: none; margin: .5rem 0; padding: 0; }}
.remarks li {{ margin: .35rem 0; padding: .45rem .7rem; border-left: 5px solid; border-radius: 3px; }}
.remarks b {{ display: inline-block; min-width: 5.2rem; }}
.remarks .red {{ background: {RED_BAND}; border-color: {RED_INK}; }} .red b {{ color: {RED_INK}; }}
.remarks .amber {{ background: {AMBER_BAND}; border-color: {AMBER_INK}; }} .amber b {{ color: {AMBER_INK}; }}
.remarks .green {{ background: {GREEN_BAND}; border-color: {GREEN_INK}; }} .green b {{ color: {GREEN_INK}; }}
.cards {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(11.5rem, 1fr)); gap: .7rem; margin: .8rem 0; }}
.cards div {{ background: {PANEL}; border-radius: 6px; padding: .6rem .8rem; }}
.cards dt {{ color: {AXIS}; font-size: .85rem; }}
.cards dd {{ margin: 0; }}
.cards dd strong {{ font-size: 1.5rem; font-weight: 600; }}
.cards dd span {{ display: block; color: {AXIS}; font-size: .85rem; }}
table {{ border-collapse: collapse; width: 100%; margin: .6rem 0; font-variant-numeric: tabular-nums; }}
caption {{ text-align: left; color: {AXIS}; padding-bottom: .3rem; }}
th, td {{ text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid {GRID}; vertical-align: top; }}
thead th {{ border-bottom: 1.5px solid {AXIS}; font-size: .85rem; }}
.whole {{ white-space: nowrap; }}
td small {{ color: {AXIS}; }}
.wide {{ overflow-x: auto; }}
figure {{ margin: .8rem 0; }}
figure svg {{ width: 100%; max-width: 34rem; height: auto; display: block; }}
figcaption {{ color: {AXIS}; font-size: .9rem; max-width: 45rem; }}
.two {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 0 1.4rem; }}
dl.meaning dt {{ font-weight: 600; margin-top: .6rem; }}
dl.meaning dd {{ margin: 0; max-width: 46rem; }}
footer {{ margin-top: 2.5rem; border-top: 1px solid {GRID}; padding-top: .6rem; color: {AXIS}; font-size: .85rem; }}
@media (max-width: 30rem) {{
  table {{ font-size: .82rem; }} th, td {{ padding-right: .35rem; }} thead th {{ font-size: .75rem; hyphens: auto; }}
  .remarks b {{ display: block; }}
}}
@page {{ size: A4; margin: 13mm 14mm; }}
@media print {{
  body {{ font-size: 9.5pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }}
  main {{ max-width: none; padding: 0; }}
  h2, h3 {{ break-after: avoid; }}
  h2 {{ margin-top: 1.2rem; }}
  footer {{ margin-top: .6rem; break-before: avoid; }}
  .keep, p, figure, table, tr, .cards, .remarks li, dl.meaning div {{ break-inside: avoid; }}
  .two {{ grid-template-columns: 1fr 1fr; }}
  .wide {{ overflow: visible; }}
  dl.meaning {{ columns: 2; column-gap: 1.4rem; }}
  h1 {{ font-size: 16pt; }} h2 {{ font-size: 12pt; }} .cards dd strong {{ font-size: 14pt; }}
}}
"""
