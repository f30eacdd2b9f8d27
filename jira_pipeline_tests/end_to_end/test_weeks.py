"""draft"""

import sqlite3
from collections import Counter
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
import csv, shutil, json, time

import pytest

from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import Answer, run, run_json
from jira_pipeline_tests.cli.test_taking_back import change_site
from jira_pipeline_tests.crash.other_sites import copy_site
from jira_pipeline_tests.end_to_end.conftest import ExportedUwec
from jira_pipeline_tests.end_to_end.test_two_targets import use_site, rehearsal_path
from jira_pipeline_tests.end_to_end.week import undo_until_killed
from jira_pipeline_tests.jira_sandbox.served_sandboxes import served

pytestmark = pytest.mark.xdist_group("uwec")
KEY = "uwec"

T0=[0.0]
def show(name):
    s=run_json("status", KEY); r=run("results",KEY,"--json"); p=run("export",KEY,"--plan","--json")
    print(f"\n=== {name} {time.monotonic()-T0[0]:.1f}s")
    for k in ("target","targets","stage","status","progress_percentage","current_stage","tickets_total","tickets_ready","tickets_exported","tickets_with_errors","stale","error","issues_there","to_decide","ledger_findings","jira_changes","open_fixes","withdrawals_proposed","next_step"):
        print("  ",k,s[k])
    rj=r.json
    if "error" in rj: print("   results:",rj["error"])
    else:
        print("   results:",{k:v for k,v in rj.items() if k in ("total_tickets_created","dependencies_created","target","undo_begun_at","status")}, "changes",[c["jira_key"] for c in rj.get("changes",rj.get("jira_changes",[]))], "removed",len(rj["removed"]), sorted(rj))
    pj=p.json
    print("   plan:",p.exit_code,{k:(len(v) if isinstance(v,list) and len(v)>8 else v) for k,v in pj.items()})
    print("   todo:",run("todo",KEY).words[:1500])
    print("   fixes:",run("fixes",KEY).words[:1500])
    print("   results words:",run("results",KEY).words[-1500:])
    print("   sessions:",[ (x['stage'],x['status'],x.get('needs')) for x in run_json("sessions")])
    return s

def follow(s,*extra):
    cmd=s["next_step"].rpartition("jira-pipeline ")[2]
    print("   $",cmd,extra)
    a=run(*cmd.split(),*extra)
    print("   ->",a.exit_code,a.words[-1500:])
    return a

def edit(folder):
    def rows(name):
        with (folder/name).open(encoding="utf-8-sig",newline="") as f: return list(csv.reader(f))
    def write(name,rows):
        with (folder/name).open("w",encoding="utf-8",newline="") as f: csv.writer(f).writerows(rows)
    f=rows("UWEC_Fields.csv"); h=f[0]
    def cell(rows,h,keys,col,val):
        (r,)=[r for r in rows if all(r[h.index(k)]==v for k,v in keys.items())]
        r[h.index(col)]=val
    cell(f,h,{"Bundle":"Academic Program (Content type)","Machine name":"field_program_length"},"Help text","In semesters.")
    job=[r for r in f if r[1]=="Job (Content type)"]
    print(job[2])
    job[2][h.index("Help text")]="Changed."
    f.insert(1,[""]*len(h))
    write("UWEC_Fields.csv",f)
    b=rows("UWEC_Bundles.csv")
    cell(b,b[0],{"Machine name":"quote"},"Description","A quotation.")
    write("UWEC_Bundles.csv",b)
    v=rows("UWEC_CustomViews.csv")
    write("UWEC_CustomViews.csv",[r for r in v if r[2]!="jobs"])

def markers(path):
    with closing(sqlite3.connect(path)) as t:
        return Counter(json.loads(v)["identity"] for (v,) in t.execute("SELECT value FROM issue_property"))

def test_weeks(exported_uwec: ExportedUwec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    T0[0]=time.monotonic()
    project = projects.adopt(exported_uwec.project, tmp_path / "project", monkeypatch)
    sheets = tmp_path / "sheets"; shutil.copytree(exported_uwec.folder, sheets)
    for p in sheets.iterdir(): p.chmod(0o600)
    show("exported")
    edit(sheets)
    a=run("upload",sheets,"--session",KEY); print(a.words[:3000])
    s=show("uploaded")
    follow(s); s=show("generated")
    follow(s); s=show("withdrawn")
    follow(s); s=show("next")
    a=run("fixes",KEY,"--changed","all"); print(a.words)
    s=show("changed")
    for k in ("SBX-10","SBX-54","SBX-60","SBX-77","SBX-30"):
        change_site(project,"DELETE FROM issue WHERE key = ?",k)
    change_site(project,"INSERT INTO project (key, name) VALUES ('OPS', 'Elsewhere')")
    change_site(project,"UPDATE issue SET key = 'OPS-1', number = 1, project_id = (SELECT id FROM project WHERE key = 'OPS') WHERE key = 'SBX-40'")
    s=show("deleted (nobody asked)")
    a=run("settle",KEY); print(a.exit_code,a.words)
    s=show("settled")
    numbers={t["jira_key"]:t["number"] for t in run_json("settle_x",KEY)["tickets"]} if False else None
    j=run("settle",KEY,"--json").json; print(j)
    gone={t["jira_key"]:t["number"] for t in j["tickets"]}
    again=",".join(str(gone[k]) for k in ("SBX-10","SBX-54","SBX-60"))
    a=run("settle",KEY,"--create-again",again); print(a.exit_code,a.words)
    s=show("create again")
    a=run("settle",KEY,"--forget","all"); print(a.exit_code,a.words)
    s=show("forgot")
    follow(s); s=show("exported again")
    print(Counter(markers(rehearsal_path(project)).values()))
    second=tmp_path/"second.sqlite"
    with JiraSandbox(rehearsal_path(project), clock=lambda: datetime.now(UTC)) as sandbox:
        copy_site(sandbox, second)
    with JiraSandbox(second, clock=lambda: datetime.now(UTC)) as copied, served(copied) as address:
        copied.set_base_url(address)
        use_site(monkeypatch,address)
        monkeypatch.setenv("JIRA_PROJECT_KEY","SBX")
        s=show("copied")
        follow(s); follow(s,"--yes")
        s=show("refused")
        a=run("export",KEY,"--yes","--as-new"); print(a.exit_code,a.words[-800:])
        s=show("exported on copy")
        print(Counter(markers(second).values()))
        print(undo_until_killed(project, session_key=KEY, deletions=3))
        s=show("killed")
        print(run("export",KEY,"--yes").words[-600:])
        use_site(monkeypatch,None); monkeypatch.delenv("JIRA_PROJECT_KEY")
        s=show("at home meanwhile")
        use_site(monkeypatch,address); monkeypatch.setenv("JIRA_PROJECT_KEY","SBX")
        s=run_json("status",KEY)
        follow(s,"--yes"); s=show("undone")
        print(Counter(markers(second).values()))
        follow(s); s=show("ready"); follow(s,"--yes"); s=show("done")
        print(Counter(markers(second).values()), len(markers(second)))
    use_site(monkeypatch,None); monkeypatch.delenv("JIRA_PROJECT_KEY")
    s=show("home")
    print(Counter(markers(rehearsal_path(project)).values()), len(markers(rehearsal_path(project))))
