-- The feeds that this one goes on from, the latest first, separated by commas: brokers that followed one of them follow it.
alter table feed_counter add column follows varchar(4000) default '' not null;

-- Why a broker does not follow the feed, as it says; empty when it does.
alter table broker_report add column feed_refused varchar(1000) default '' not null;
