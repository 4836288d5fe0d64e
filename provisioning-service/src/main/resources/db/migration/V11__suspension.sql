-- A device that is held back until it is reinstated or revoked. Its certificates keep their state: on hold (RFC 5280 §5.3.1) is whatever is
-- issued to a device that is suspended.
alter table device add column suspended_at timestamp(6) with time zone;
alter table device add column suspended_by varchar(160);
alter table device add column suspension_reason varchar(200);
create index device_by_suspension on device (suspended_at);
