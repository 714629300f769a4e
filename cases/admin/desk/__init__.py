"""The desk: what must I do now, what is about to go wrong, who is holding it (desk.md).

`page` puts it together by role from `todo` and `lanes` (who acts) and `watch` (who watches over an area), `picture`
draws map and trend, `rows` lists cases, `formulas` says what each figure counts.
"""
