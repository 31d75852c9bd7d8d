drop table note_mentions;
drop table notes;
