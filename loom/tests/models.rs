//! Every model, as a test.

macro_rules! models {
    ($($module:ident: $($name:ident)*;)*) => {
        $(mod $module {
            $(#[test] fn $name() { rpcx_loom::$module::$name() })*
        })*
    };
}

models! {
    outbox:
        callers_and_the_writer_task
        callers_that_leave_all_to_the_writer_task
        a_frame_that_is_written_in_two_parts
        a_stream_that_has_to_be_flushed_again
        a_frame_that_comes_during_a_direct_write
        replies_of_one_read_and_a_late_one
        a_push_beside_a_close
        a_push_beside_an_abort
        a_stream_that_breaks
        callers_that_wait_for_room
        room_that_a_call_leaves_which_is_given_up
        room_that_a_cancelled_call_leaves
        a_caller_that_waits_for_room_until_the_end
        room_after_the_end
        a_direct_write_that_fails_alone
        a_frame_that_alone_has_to_be_flushed_again
        room_that_is_made_while_the_writer_task_is_away
        a_cancelled_frame_that_is_swept_later
        the_stream_of_an_outbox_that_is_given_up
        a_close_beside_an_abort;
    pending:
        callers_that_wait_for_a_slot
        a_reply_wakes_its_caller
        a_late_reply_beside_the_next_call
        a_slot_that_is_given_up
        a_reply_beside_the_deadline
        an_earlier_deadline_beside_the_clock
        the_end_beside_a_new_call
        the_end_beside_a_caller_that_waits_for_a_slot
        a_slot_that_two_wait_for_of_which_one_is_gone
        a_reply_beside_the_end;
    calls:
        a_lost_connection_beside_a_call
        a_connection_that_is_lost_twice
        a_first_deadline_beside_the_clock
        a_leaving_connection_beside_a_deadline
        a_leaving_connection_beside_a_call
        a_leaving_connection_beside_a_call_that_waits
        a_leaving_connection_beside_the_last_call_and_a_new_one
        a_leaving_connection_beside_a_call_that_is_given_up
        a_call_that_is_given_up_beside_one_that_waits
        a_caller_that_keeps_its_own_deadline
        a_oneway_call_that_is_taken_back_beside_the_writer_task
        a_deadline_beside_the_writer_task;
    parts:
        a_part_that_is_woken_from_outside
        two_parts_that_are_woken_at_once
        a_part_that_wakes_the_other
        a_part_that_is_added_beside_the_end
        a_part_that_is_added_beside_the_end_of_the_runtime
        what_is_written_before_a_part_is_woken
        a_part_that_wakes_itself_for_long
        a_part_that_is_added_to_the_task_after_one_that_ends
        as_many_parts_as_a_task_can_have
        a_task_that_is_moved
        as_many_parts_after_a_task_that_is_dropped
        the_waker_of_a_task_that_is_gone;
}
