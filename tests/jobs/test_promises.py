"""Which test shows which promise about jobs: the table, and that none of them went away."""

import ast
from pathlib import Path

HERE = Path(__file__).parent
PROMISES = {
    "1 accepted means kept: broker down, all run once it is back, none twice": (
        "test_crashes.test_it_runs_once_what_was_submitted_while_the_broker_was_down",
        "test_under_faults.test_a_hundred_accepted_jobs_run_once_each_though_aws_throttles",
    ),
    "2 a rolled-back request causes no AWS call": (
        "test_under_faults.test_a_rolled_back_request_asks_aws_for_nothing",
    ),
    "3 twenty parallel submits with one idempotency key make one job": (
        "test_parallel_submits.test_it_makes_one_job_of_twenty_requests",
    ),
    "4 every task may run twice, also at once": (
        "test_submitting.test_it_submits_once_when_told_twice",
        "test_under_faults.test_workers_that_submit_a_job_at_once_make_one",
        "test_mirroring.test_it_lets_one_of_two_racing_answers_win",
        "test_mirroring.test_it_stores_a_page_of_log_once",
        "test_mirror_budget.test_two_workers_never_look_at_once",
        "test_tuning.test_two_submits_make_one_tuning_job",
    ),
    "5 SIGKILL before, during and after any AWS call converges, with one AWS object": (
        "test_stopping.test_it_stops_at_once_what_a_killed_worker_never_created",
        "test_under_faults.test_a_kill_during_the_call_and_an_emptied_redis_lose_nothing",
        "test_crashes.test_it_has_one_job_after_a_kill_between_the_call_and_the_row",
        "test_under_faults.test_a_killed_look_keeps_others_out_only_until_its_lease_ends",
        "test_mirror_budget.test_a_dead_holders_lease_runs_out",
    ),
    "6 FLUSHALL mid-flight loses nothing": (
        "test_under_faults.test_a_kill_during_the_call_and_an_emptied_redis_lose_nothing",
    ),
    "7 an AWS that hangs ends in a timeout, pages stay fast": (
        "test_under_faults.test_an_aws_that_hangs_ends_in_a_timeout_and_pages_stay_fast",
        "test_mirroring.test_it_notes_that_aws_is_away_and_is_back",
    ),
    "8 30 % throttling: all finish within the call budget": (
        "test_under_faults.test_a_hundred_accepted_jobs_run_once_each_though_aws_throttles",
        "test_mirror_budget.test_it_asks_no_more_of_many_jobs_than_its_budget",
        "test_mirror_budget.test_it_leaves_aws_alone_when_throttled_and_comes_back_by_itself",
        "test_mirroring.test_it_goes_on_after_throttling",
    ),
    "9 a lost response is adopted by name and tag, a foreign name is refused": (
        "test_submitting.test_it_adopts_a_job_whose_answer_was_lost",
        "test_submitting.test_it_refuses_a_foreign_job_of_the_same_name",
    ),
    "10 stale reads and late events never show a wrong terminal state, terminal never reopens": (
        "test_mirroring.test_it_is_not_fooled_by_stale_answers",
        "test_mirroring.test_it_ignores_an_answer_older_than_the_row",
        "test_mirroring.test_it_never_reopens_what_is_over",
        "test_drift.test_an_older_answer_contradicts_nothing",
        "test_feed.test_it_sees_a_change_without_a_look",
    ),
    "11 stop is honest": (
        "test_stopping.test_it_creates_nothing_when_stopped_before_it_was_sent",
        "test_stopping.test_it_is_stopping_until_aws_says_stopped",
        "test_stopping.test_it_shows_completed_when_the_job_ended_first",
        "test_stopping.test_it_says_when_aws_refuses_to_stop",
    ),
}


def defined_in(module):
    tree = ast.parse((HERE / f"{module}.py").read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_promise_about_jobs_has_its_tests():
    named = [name.split(".") for names in PROMISES.values() for name in names]
    modules = {module: defined_in(module) for module, _ in named}
    missing = [f"{module}.{name}" for module, name in named if name not in modules[module]]
    assert not missing
