-- By what right each certificate was issued. A right is used up when a certificate that is not abandoned names it.
alter table certificate add column way varchar(16) default 'operator' not null;
alter table certificate add column right_ref varchar(128);     -- a token's id, a certificate's serial, a fingerprint
alter table certificate add column replica uuid;               -- the process that reserved it
alter table certificate add column ends_at timestamp(6) with time zone; -- a successor was issued: good no longer than this
update certificate set way = 'installation' where device_id is null;
update certificate set way = 'token', right_ref = cast(token_id as varchar(128)) where token_id is not null;
alter table certificate drop column token_id;
create index certificate_by_right on certificate (right_ref);
create index certificate_by_end on certificate (ends_at);
alter table enrolment_token drop column used_at;
