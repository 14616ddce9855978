-- Development data: two users, ten tasks. Safe to run again: what is there stays as it is,
-- and no id is used up.

INSERT INTO users (id, email, name) VALUES
('user_ada', 'ada@example.com', 'Ada'),
('user_bob', 'bob@example.com', 'Bob')
ON CONFLICT DO NOTHING;

INSERT INTO tasks (user_id, title, description, completed)
SELECT
    users.id,
    seed.title,
    seed.description,
    seed.completed
FROM (
    VALUES
    (1, 'ada@example.com', 'Water the plants', NULL, TRUE),
    (2, 'ada@example.com', 'Buy milk', 'Two litres, whole', FALSE),
    (3, 'ada@example.com', 'Call the dentist', NULL, FALSE),
    (4, 'ada@example.com', 'Renew the passport', 'The old one expires in March', FALSE),
    (5, 'ada@example.com', 'Return the library books', NULL, TRUE),
    (6, 'ada@example.com', 'Plan the summer holiday', 'By train if possible', FALSE),
    (7, 'bob@example.com', 'Buy milk', NULL, TRUE),
    (8, 'bob@example.com', 'Fix the bicycle', 'Rear brake', FALSE),
    (9, 'bob@example.com', 'File the tax return', NULL, FALSE),
    (10, 'bob@example.com', 'Learn PostgreSQL', 'Window functions next', FALSE)
) AS seed (place, email, title, description, completed)
INNER JOIN users ON seed.email = users.email
LEFT JOIN tasks AS present ON users.id = present.user_id AND seed.title = present.title
WHERE present.id IS NULL
ORDER BY seed.place;
